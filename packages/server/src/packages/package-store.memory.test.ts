import { memoryStores } from '../stores.memory.ts'
import { packageStoreContract } from './package-store.contract.ts'

packageStoreContract(async () => memoryStores())
